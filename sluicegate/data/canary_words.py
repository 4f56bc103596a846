"""What texts are made of that are planted among training rows: words for things, which name nobody and no place.

They stand in no list of terms for groups of people, and the shipped scrubbing takes few texts of them for
personal data.
"""

from __future__ import annotations

_ENGLISH = """
anchor apron attic badge bamboo barrel basin basket beacon bellows bench blanket bobbin bolt boulder bracket broom
bucket buckle button cabin cable cactus canal candle canister canvas cart chimney chisel clamp clasp clover collar
column compass copper cotton cradle crater crayon cushion dial dome drawer drum dune elbow ember engine fabric faucet
feather fence fiddle flannel flask flute fog foil fossil fountain frame furnace gable gauge geyser girder glacier glue
goblet granite groove gutter hammer hammock harbour harness hatch hedge helmet hook hoop ink jar jigsaw jug kettle kiln
knot ladder ladle lagoon lantern lawn leaf ledge lens lever lichen lid linen locket lumber magnet mallet maple marble
margin marsh mast meadow mitten moss muffin mural nozzle oar oasis orchard oven padlock paint pan panel parcel pedal
pier pillow pipe pivot plank plaster pliers plug pocket pond porch pottery prism puddle pulley pump quarry quill quilt
rack raft rail ramp ribbon ridge rivet rope rudder sack saddle sandal saucer scaffold scarf shelf shovel shutter sieve
silk slate sleeve sledge socket sofa spade spindle sponge spool spoon stair stove straw string swamp syrup teapot tent
thimble thread tile timber toolbox trellis tripod trowel tunnel turbine tweed twig umbrella valley varnish vase vent
violin wagon wheel whistle wicker window wire wool yarn
"""
_CHINESE = """
茶壶 雨伞 台灯 木梯 铁钉 毛毯 纽扣 竹篮 石阶 窗帘 蜡烛 铅笔 橡皮 剪刀 磨盘 齿轮 弹簧 管道 阀门 屋檐
栅栏 花盆 松针 卵石 沙丘 沼泽 瀑布 溪水 码头 帆布 浮标 隧道 铁轨 车轮 推车 麻袋 草席 棉线 丝带 顶针 织机
染料 画架 颜料 信封 邮票 书架 地毯 沙发 枕头 衣架 手套 皮带 口袋 水壶 面粉 核桃 蘑菇 化石 云层 雾气 露水
钟摆 刻度 天平 透镜 棱镜 磁铁 电线 插座 涡轮 钳子 胶水 石灰 水泥 支架 阁楼 走廊 庭院 桌子 椅子 杯子 盘子
筷子 窗户 柜子 本子 钢笔 尺子 盒子 箱子 袋子 罐子 篮子 帽子 衣服 裤子 雨衣 牙刷 镜子 冰箱 空调 电话 相机
汽车 火车 飞机 轮船 卡车 轮胎 屋顶 地板 楼梯 花园 果子 苹果 葡萄 桃子 土豆 白菜 辣椒 面包 蛋糕 面条 包子
牛奶 咖啡 鸡蛋 豆腐 石头 沙子 泥土 木头 玻璃 塑料 绳子 钉子 刀子 叉子 扣子 玩具 积木 气球 吉他 钢琴 照片
地图 报纸 杂志 字典 词典 日历 钥匙 被子 床单 毯子 架子 电池 开关 灯泡
"""
WORDS = {"en": tuple(_ENGLISH.split()), "zh": tuple(_CHINESE.split())}
"""Language (ISO 639) → its words."""
SENTENCES = {
    "en": "the {} stands by the {}, the {} by the {} and the {} by the {}",
    "zh": "这个{}比那个{}大，这个{}比那个{}小，这个{}比那个{}新",
}
"""Language → the form of a text, with places for words."""
